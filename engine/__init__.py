"""What a declaration, a duty regime, a finding, a budget and a good decision are."""
