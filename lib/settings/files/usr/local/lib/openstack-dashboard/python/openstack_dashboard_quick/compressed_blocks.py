"""Each process looks up tags of style sheets and scripts once.

django-compressor renders the names of all files of a block, about a hundred, and hashes the text, to find the
tag that was made from them when the release was built. A block can only depend on the themes' variables of
that build, as otherwise its tag would not be found.
"""
MADE_FOR = {
    'django-compressor 4.5': {'compressor.templatetags.compress': 'c40635717a95'},
    'horizon 25.3': {'horizon.themes:offline_context': '1c3f4fa97204'},
}
LIBRARY = 'openstack_dashboard_quick.compressed_blocks_library'


def install(namespace):
    options = namespace['TEMPLATES'][0]['OPTIONS']
    options.setdefault('libraries', {})['compress'] = LIBRARY
