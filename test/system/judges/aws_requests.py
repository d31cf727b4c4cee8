"""Requests to AWS, judged by botocore's service models: is this the request that AWS's own SDK would
send? A request is read back into an operation and its parameters; these are validated against the
model, and botocore's own request for them has to be the same one.

By itself: aws_requests.py FILE   (JSON lines, as collect_requests.py and the preview write them)"""
import base64
import json
import re
import sys
from urllib.parse import parse_qsl, unquote, urlsplit

import botocore.session
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.validate import ParamValidator

# of the signature, of HTTP, and what curl adds
TRANSPORT = {'host', 'authorization', 'x-amz-date', 'x-amz-security-token', 'x-amz-content-sha256',
             'user-agent', 'accept', 'content-length', 'expect', 'connection', 'accept-encoding'}
SERVICES = {'secretsmanager', 'cloudformation', 'autoscaling', 'logs', 's3'}


class Wrong(Exception):
    pass


def client_of(service, region, cache={}):
    if (service, region) not in cache:
        session = botocore.session.Session()
        session.set_credentials('AKIDEXAMPLE', 'secret', 'token')
        cache[service, region] = session.create_client(
            service, region_name=region,
            config=Config(request_checksum_calculation='when_required',
                          response_checksum_validation='when_required',
                          s3={'addressing_style': 'virtual', 'us_east_1_regional_endpoint': 'regional'}))
    return cache[service, region]


def model_of(service, cache={}):
    """Not the client's own, in which botocore edits the paths of operations as it goes."""
    if service not in cache:
        cache[service] = botocore.session.Session().get_service_model(service)
    return cache[service]


def parse_host(host):
    """Service, region, and the bucket if there is one."""
    match = re.fullmatch(r'(?:(?P<bucket>.+)\.)?(?P<service>[a-z0-9-]+)\.(?P<region>[a-z]{2}[a-z-]*-\d)'
                         r'\.amazonaws\.com(?:\.cn)?', host)
    if not match or match['service'] not in SERVICES:
        raise Wrong(f'{host} is no host of {", ".join(sorted(SERVICES))}')
    if (match['bucket'] is not None) != (match['service'] == 's3'):
        raise Wrong(f'{host}: a bucket belongs before s3, and nothing before another service')
    return match['service'], match['region'], match['bucket']


def convert(shape, text, name):
    """What a text of the wire is for a shape."""
    kind = shape.type_name
    try:
        if kind in ('integer', 'long'):
            return int(text)
        if kind == 'boolean':
            return {'true': True, 'false': False}[text]
        if kind in ('string', 'blob', 'timestamp'):
            return text
    except (ValueError, KeyError):
        pass
    raise Wrong(f'{name}: {text!r} is no {kind}')


def read_json_protocol(model, request):
    prefix, _, operation = request['headers'].get('x-amz-target', '').rpartition('.')
    if prefix != model.metadata['targetPrefix']:
        raise Wrong(f'x-amz-target begins with {prefix!r}, not {model.metadata["targetPrefix"]}')
    try:
        params = json.loads(request['body'])
    except ValueError as error:
        raise Wrong(f'the body is no JSON: {error}') from None
    return operation, params


def read_query_protocol(model, request):
    pairs = parse_qsl(request['body'].decode(), keep_blank_values=True, strict_parsing=True)
    given = dict(pairs)
    if len(given) != len(pairs):
        raise Wrong('a parameter is there twice')
    if given.pop('Version', None) != model.metadata['apiVersion']:
        raise Wrong(f'Version is not {model.metadata["apiVersion"]}')
    operation = given.pop('Action', '')
    shape = operation_model(model, operation).input_shape
    params = {}
    for name, text in given.items():
        if name not in shape.members:
            raise Wrong(f'{operation} has no parameter {name}')
        params[name] = convert(shape.members[name], text, name)
    return operation, params


def read_s3(model, request, bucket):
    url = urlsplit(request['path'])
    query = parse_qsl(url.query, keep_blank_values=True)
    names = {name for name, _ in query}
    headers = request['headers']
    keyed = url.path != '/'
    fitting = []
    for name in model.operation_names:
        operation = model.operation_model(name)
        path, _, fixed = operation.http['requestUri'].partition('?')
        fixed = {pair for pair in parse_qsl(fixed, keep_blank_values=True) if pair[0] != 'x-id'}
        if operation.http['method'] != request['method'] or ('{Key+}' in path) != keyed:
            continue
        if not path.startswith('/{Bucket}') or not fixed <= set(query):
            continue
        needed = [shape.serialization['name'] for member, shape in operation.input_shape.members.items()
                  if member in operation.input_shape.required_members
                  and shape.serialization.get('location') in ('header', 'querystring')]
        if all(part.lower() in headers or part in names for part in needed):
            fitting.append((len(fixed) + len(needed), name, fixed))
    if not fitting:
        raise Wrong(f'{request["method"]} {request["path"]} is no operation of S3')
    _, name, fixed = max(fitting)
    shape = model.operation_model(name).input_shape
    params = {'Bucket': bucket}
    used = {pair[0] for pair in fixed}
    for member, of_member in shape.members.items():
        location, wire = of_member.serialization.get('location'), of_member.serialization.get('name')
        if location == 'uri' and member == 'Key':
            params['Key'] = unquote(url.path[1:])
        elif location == 'querystring' and wire in names:
            values = [value for key, value in query if key == wire]
            if len(values) > 1:
                raise Wrong(f'{wire} is there twice')
            params[member] = convert(of_member, values[0], wire)
            used.add(wire)
        elif location == 'header' and wire.lower() in headers:
            params[member] = convert(of_member, headers[wire.lower()], wire)
            used.add(wire.lower())
    unknown = (names | (set(headers) - TRANSPORT)) - used
    if unknown:
        raise Wrong(f'{name} has no {", ".join(sorted(unknown))}')
    if shape.serialization.get('payload') == 'Body':
        params['Body'] = request['body'] or b''
    elif request['body']:
        raise Wrong(f'{name} has no body')
    return name, params


def operation_model(model, name):
    if name not in model.operation_names:
        raise Wrong(f'{model.service_name} has no operation {name!r}')
    return model.operation_model(name)


def limits(shape, value, path):
    """What botocore's validator leaves to the service: upper limits, patterns, enumerations."""
    if shape.type_name == 'structure':
        for name, part in value.items():
            limits(shape.members[name], part, f'{path}.{name}')
    elif shape.type_name == 'list':
        for index, part in enumerate(value):
            limits(shape.member, part, f'{path}[{index}]')
    elif shape.type_name == 'string':
        low, high = shape.metadata.get('min', 0), shape.metadata.get('max', float('inf'))
        if not low <= len(value) <= high:
            raise Wrong(f'{path}: {len(value)} characters, not {low} to {high}')
        if shape.enum and value not in shape.enum:
            raise Wrong(f'{path}: {value!r} is none of {", ".join(shape.enum)}')
        pattern = shape.metadata.get('pattern')
        if pattern and not re.search(python_pattern(pattern), value):
            raise Wrong(f'{path}: {value!r} does not match {pattern}')
    elif shape.type_name in ('integer', 'long'):
        low, high = shape.metadata.get('min', -2**63), shape.metadata.get('max', 2**63)
        if not low <= value <= high:
            raise Wrong(f'{path}: {value} is not {low} to {high}')


def python_pattern(pattern):
    """A pattern of Java's."""
    # beyond the first plane Java has pairs of characters
    return (pattern.replace(r'\uD800\uDC00-\uDBFF\uDFFF', r'\U00010000-\U0010FFFF')
            .replace(r'\p{L}', r'\w'))


def of_botocore(client, operation, params):
    """The request that botocore makes, which is not sent."""
    sent = []

    def keep(request, **_):
        sent.append(request)
        return AWSResponse(request.url, 200, {}, NoBody())

    client.meta.events.register('before-send', keep)
    try:
        getattr(client, botocore.xform_name(operation))(**params)
    except Exception as error:
        if not sent:
            raise Wrong(f'botocore refuses the parameters of {operation}: {error}') from None
    finally:
        client.meta.events.unregister('before-send', keep)
    return sent[0]


class NoBody:
    def stream(self, *_, **__):
        return iter(())

    def read(self, *_, **__):
        return b''


def text(value):
    return value.decode() if isinstance(value, bytes) else value


def judge(record):
    """The `SERVICE:OPERATION` of a recorded request; raises Wrong with what is wrong with it."""
    headers = {}
    for name, value in record['headers']:
        if name.lower() in headers:
            raise Wrong(f'the header {name} is there twice')
        headers[name.lower()] = value
    body = None if record['body'] is None else base64.b64decode(record['body'])
    request = {'method': record['method'], 'path': record['path'], 'headers': headers, 'body': body}
    service, region, bucket = parse_host(record['host'])
    client = client_of(service, region)
    model = model_of(service)
    protocol = model.metadata['protocol']
    if protocol == 'json':
        operation, params = read_json_protocol(model, request)
    elif protocol == 'query':
        operation, params = read_query_protocol(model, request)
    else:
        operation, params = read_s3(model, request, bucket)
    shape = operation_model(model, operation).input_shape
    report = ParamValidator().validate(params, shape)
    if report.has_errors():
        raise Wrong(f'{operation}: {report.generate_report()}')
    limits(shape, {name: value for name, value in params.items() if name != 'Body'}, operation)
    compare(record, request, of_botocore(client, operation, params), protocol)
    return f'{service}:{operation}'


def compare(record, request, theirs, protocol):
    url = urlsplit(theirs.url)
    ours = urlsplit(f'https://{record["host"]}{record["path"]}')

    def same(what, mine, botocores):
        if mine != botocores:
            raise Wrong(f'{what} is {mine!r}, botocore\'s {botocores!r}')

    def query(of):
        # conveniences of the SDK
        return sorted(pair for pair in parse_qsl(of.query, keep_blank_values=True)
                      if pair[0] not in ('x-id', 'encoding-type'))

    same('the method', request['method'], theirs.method)
    same('the host', ours.netloc, url.netloc)
    same('the path', ours.path or '/', url.path or '/')
    same('the query', query(ours), query(url))
    their_headers = {name.lower(): text(value) for name, value in theirs.headers.items()}
    if protocol == 'query':
        kind = request['headers'].get('content-type', '').split(';')[0]
        same('content-type', kind, their_headers['content-type'].split(';')[0])
        same('the body', sorted(parse_qsl(request['body'].decode(), keep_blank_values=True)),
             sorted(parse_qsl(text(theirs.body), keep_blank_values=True)))
    elif protocol == 'json':
        same('content-type', request['headers'].get('content-type'), their_headers['content-type'])
        same('the body', json.loads(request['body']), json.loads(theirs.body))
    ignored = TRANSPORT | {'content-type', 'content-md5', 'x-amz-user-agent'}
    for name in their_headers.keys() - ignored:
        if not name.startswith(('amz-sdk-', 'x-amzn-')):
            same(name, request['headers'].get(name), their_headers[name])
    # unsigned is what a proxy may change
    signed = re.search('SignedHeaders=([^,]+)', request['headers'].get('authorization', ''))
    missing = {name for name in request['headers'] if name.startswith('x-amz-')} - set(
        signed[1].split(';') if signed else ())
    if missing:
        raise Wrong(f'not signed: {", ".join(sorted(missing))}')


def judge_file(path):
    """Counts by `SERVICE:OPERATION`, and what is wrong, each thing once."""
    counts, wrong = {}, {}
    with open(path) as file:
        for line in file:
            record = json.loads(line)
            try:
                operation = judge(record)
                counts[operation] = counts.get(operation, 0) + 1
            except Wrong as error:
                wrong.setdefault(f'{record["method"]} {record["host"]}{record["path"]}: {error}', record)
    return counts, wrong


if __name__ == '__main__':
    found, faults = judge_file(sys.argv[1])
    for name, number in sorted(found.items()):
        print(f'{number} {name}')
    for fault in faults:
        print(f'WRONG {fault}')
    sys.exit(bool(faults) or not found)
