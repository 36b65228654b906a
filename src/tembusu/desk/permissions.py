"""Who may: everybody has a desk, and only their own. What lies on it each room decides.

So there is no act here that a role gives. The calendar feed is opened by its secret alone; it shows
what its owner may see at that moment, and nothing once the account is closed.
"""
