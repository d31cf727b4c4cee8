"""Tags of style sheets and scripts are looked up once by each process.

django-compressor renders the names of all files of a block, some hundred, and hashes the text, to find
the one tag that was made of them when the release was built. What a block renders to was known then: it
can depend on nothing but the themes' variables of that build, or its tag would not be found.
"""
MADE_FOR = {
    'django-compressor 4.5': {'compressor.templatetags.compress': 'c40635717a95'},
    'horizon 25.3': {'horizon.themes:offline_context': '1c3f4fa97204'},
}
LIBRARY = 'openstack_dashboard_quick.compressed_blocks_library'


def install(namespace):
    options = namespace['TEMPLATES'][0]['OPTIONS']
    options.setdefault('libraries', {})['compress'] = LIBRARY
