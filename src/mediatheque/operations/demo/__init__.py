"""The demonstration household of `serve --demo`: invented people round published titles.

What it holds is data (`household.toml` and the tables beside it); what is done with it goes the same ways
as people's own doing: actions and imports, each inside a scope.
"""
