"""Shippers who learn: what groups see of their own parcels, and what they do about it.

One module a part: `evidence` what was seen, `pressure` how much it takes, `variants` what can be
changed, `probing` trials before volume, `naming` and `listing` new names and articles,
`newcomers` who takes the place of those who gave up, `law` what the law changes, `reaction` the
end of a day. `synthetic.living` puts them to work.
"""

from synthetic.adaptation.choices import Choices, first_choices
from synthetic.adaptation.evidence import Evidence
from synthetic.adaptation.reaction import Reactions

__all__ = ["Choices", "Evidence", "Reactions", "first_choices"]
