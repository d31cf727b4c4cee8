"""A memcached client for sessions: bounded in time and memory, and it trusts no node.

One node:
  connection: one connection to it.
  protocol: how its answers are read.
All nodes:
  addresses: the names of nodes, and the list that a configuration endpoint sends.
  ring: which nodes may hold a name.
  membership: which nodes there are, and which of them answer.
  former: the lists of nodes of the last days.
  missed_deletes: what was deleted while a node did not answer.
  watcher: the thread that looks after them.
  cluster: requests to them.
Django's cache API:
  store: hashed keys and sealed values, for elasticache_memcached.
"""
