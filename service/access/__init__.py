"""Who may do what: API keys, tokens of an OpenID provider, sessions of the page, roles.

`Access` answers who a request comes from; `requires` is what a route says about who may call it;
`matrix` is the table of both, which a test holds against the routes.
"""
