"""Who may do what: API keys, tokens of an OpenID provider, sessions of the page, roles.

`access.Access` answers who a request comes from; `requires.requires` is what a route says about who
may call it; `matrix` is the table of both, which a test holds against the routes.
"""
