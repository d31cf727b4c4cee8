"""A kept answer of an API, returned each time as a new object."""
import io

import requests
from requests.structures import CaseInsensitiveDict
from urllib3.response import HTTPResponse


class Answer:
    def __init__(self, response):
        self.status, self.reason = response.status_code, response.reason
        self.headers, self.content = list(response.headers.items()), response.content
        self.encoding, self.url = response.encoding, response.url

    def response(self, asked):
        response = requests.Response()
        response.status_code, response.reason = self.status, self.reason
        response.headers = CaseInsensitiveDict(self.headers)
        response.encoding, response.url = self.encoding, self.url
        response.request, response.connection = asked.request, asked.adapter
        response._content, response._content_consumed = self.content, True
        # some clients read this instead
        response.raw = HTTPResponse(
            io.BytesIO(self.content), headers=self.headers, status=self.status,
            reason=self.reason, preload_content=False, decode_content=False)
        return response


def has_arrived(asked, response):
    """Whether the body has been read, and is not left to the reader of a stream."""
    return response._content_consumed and isinstance(response._content, bytes)
