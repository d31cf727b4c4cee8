"""Sessions in cookies (SESSION_SERIALIZER), in the same format for each release of Horizon, so that a host of one
release reads what a host of another one wrote.

Horizon 25.3 uses Django's PickleSerializer, which Django 5 does not have. Horizon 2026.1 has a serializer of its own
that writes JSON, which 25.3 cannot read. Both engines for cookies verify a value before they pass it on, so nothing is
unpickled that the dashboard did not write.
"""
import pickle


class PickleSerializer:
    def dumps(self, content):
        return pickle.dumps(content, pickle.HIGHEST_PROTOCOL)

    def loads(self, data):
        return pickle.loads(data)
