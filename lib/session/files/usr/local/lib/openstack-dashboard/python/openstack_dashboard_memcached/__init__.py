"""A memcached client for sessions: bounded in time and memory, and it trusts no node.

addresses: the names of nodes, and the list that a configuration endpoint sends.
connection: one connection to one node.
cluster: the nodes, which of them answer, and which of them holds a name.
store: hashed keys and sealed values on top of that.
"""
