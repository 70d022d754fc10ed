"""Who is calling: strict verification of signed tokens, and the attributes that a policy may rely on.

Import from the modules: `authenticator` and `error` are what others need.
"""
