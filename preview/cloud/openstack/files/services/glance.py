"""Image: https://docs.openstack.org/api-ref/image/v2/, as far as Horizon asks for it."""
from data import identifier, one, project_of
from routes import Routes, page

ROUTES = Routes()
MINORS = ['2.17', '2.16', '2.15', '2.13', '2.12', '2.9', '2.7', '2.6', '2.5', '2.4', '2.3', '2.2',
          '2.1', '2.0']


@ROUTES('GET', '/', public=True)
@ROUTES('GET', '/versions', public=True)
def versions(request):
    listed = [{'id': f'v{minor}', 'status': 'CURRENT' if minor == MINORS[0] else 'SUPPORTED',
               'links': [{'rel': 'self', 'href': f'{request.origin}/v2/'}]} for minor in MINORS]
    return (200 if 'versions' in request.path else 300), {'versions': listed}


STRINGS = ['id', 'name', 'status', 'visibility', 'checksum', 'os_hash_algo', 'os_hash_value',
           'owner', 'disk_format', 'container_format', 'created_at', 'updated_at', 'direct_url',
           'self', 'file', 'schema', 'kernel_id', 'ramdisk_id', 'instance_uuid', 'architecture',
           'os_distro', 'os_version', 'owner_id', 'user_id', 'image_type']
PROPERTIES = {
    **{name: {'type': ['null', 'string'], 'maxLength': 255, 'description':
              f'{name} of the image (READ-ONLY if glance says so)'} for name in STRINGS},
    **{name: {'type': ['null', 'integer'], 'description': f'{name} of the image'}
       for name in ('size', 'virtual_size', 'min_disk', 'min_ram')},
    **{name: {'type': 'boolean', 'description': f'{name}'} for name in ('protected', 'os_hidden')},
    'tags': {'type': 'array', 'items': {'type': 'string', 'maxLength': 255},
             'description': 'List of strings related to the image'},
    'locations': {'type': 'array', 'items': {'type': 'object', 'required': ['url', 'metadata']},
                  'description': 'A set of URLs to access the image file kept in external store'},
}
IMAGE_SCHEMA = {
    'name': 'image', 'properties': PROPERTIES, 'additionalProperties': {'type': 'string'},
    'links': [{'rel': 'self', 'href': '{self}'}, {'rel': 'enclosure', 'href': '{file}'},
              {'rel': 'describedby', 'href': '{schema}'}]}


@ROUTES('GET', '/v2/schemas/image', public=True)
def image_schema(_request):
    return IMAGE_SCHEMA


@ROUTES('GET', '/v2/schemas/images', public=True)
def images_schema(_request):
    return {'name': 'images', 'properties': {
        'images': {'type': 'array', 'items': IMAGE_SCHEMA}, 'first': {'type': 'string'},
        'next': {'type': 'string'}, 'schema': {'type': 'string'}},
        'links': [{'rel': 'first', 'href': '{first}'}, {'rel': 'next', 'href': '{next}'},
                  {'rel': 'describedby', 'href': '{schema}'}]}


@ROUTES('GET', '/v2/schemas/KIND', public=True)
@ROUTES('GET', '/v2/schemas/metadefs/KIND', public=True)
def schema(_request, kind):
    return {'name': kind, 'properties': {}, 'links': []}


@ROUTES('GET', '/v2/images')
def images(request):
    chosen = project_of(request).visible_images()
    for name in ('visibility', 'owner', 'status', 'name', 'disk_format'):
        asked = request.query.get(name)
        if asked and not (name == 'visibility' and asked == 'all'):
            asked = asked.removeprefix('in:')
            chosen = [image for image in chosen if image[name] in asked.split(',')]
    if request.query.get('sort_key') or request.query.get('sort'):
        key, _, direction = (request.query.get('sort') or '').partition(':')
        key = request.query.get('sort_key') or key
        direction = request.query.get('sort_dir') or direction
        chosen = sorted(chosen, key=lambda image: str(image.get(key) or ''),
                        reverse=direction != 'asc')
    part, more = page(chosen, request, 'next', '/v2/images', 25)
    body = {'images': part, 'first': '/v2/images', 'schema': '/v2/schemas/images'}
    if more:
        body['next'] = more['next'][0]['href']
    return body


@ROUTES('GET', '/v2/images/IMAGE')
def image(request, key):
    return one(project_of(request).visible_images(), key)


@ROUTES('DELETE', '/v2/images/IMAGE')
def delete(request, key):
    project = project_of(request)
    project.images.remove(one(project.images, key))
    return 204, b''


@ROUTES('POST', '/v2/images')
def create(request):
    project = project_of(request)
    key = identifier(project.id, 'new image', request.body.get('name'), len(project.images))
    project.images.append({**project.images[0], **request.body, 'id': key, 'status': 'queued',
                           'self': f'/v2/images/{key}', 'file': f'/v2/images/{key}/file',
                           'size': None, 'checksum': None})
    return 201, project.images[-1]


@ROUTES('GET', '/v2/images/IMAGE/members')
def members(request, key):
    one(project_of(request).visible_images(), key)
    return {'members': [], 'schema': '/v2/schemas/members'}


@ROUTES('GET', '/v2/info/import', public=True)
def methods(_request):
    return {'import-methods': {'description': 'Import methods available.', 'type': 'array',
                               'value': ['glance-direct', 'web-download']}}


@ROUTES('GET', '/v2/tasks')
def tasks(_request):
    return {'tasks': [], 'first': '/v2/tasks', 'schema': '/v2/schemas/tasks'}


@ROUTES('GET', '/v2/metadefs/namespaces')
def namespaces(_request):
    return {'namespaces': [], 'first': '/v2/metadefs/namespaces',
            'schema': '/v2/schemas/metadefs/namespaces'}


@ROUTES('GET', '/v2/metadefs/resource_types')
def resource_types(_request):
    return {'resource_types': [{'name': name, 'created_at': '2026-01-01T00:00:00Z',
                                'updated_at': '2026-01-01T00:00:00Z'}
                               for name in ('OS::Glance::Image', 'OS::Nova::Server')]}
