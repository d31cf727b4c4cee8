"""The template generator of Heat gets its choices from the cloud.

It requests them with threads that it starts when it is imported. Hosts import it before they start their workers,
which have no such threads: a request waited until its worker was killed. Its message about a service that fails
is an attribute that exceptions of Python 3 do not have."""
import inspect

# hosts without it need no mend
PLUGIN = 'heat_dashboard'
MADE_FOR = {'heat-dashboard 13.0.0': {
    'heat_dashboard.content.template_generator.api:APIThread': 'e5b618fe5cd7',
    'heat_dashboard.content.template_generator.api:handle_exception': '7e850c2419ae',
}}


def add_thread(self, apikey, func, args):
    # Horizon is not made for threads
    try:
        result = inspect.unwrap(func)(*args) or [], None
    except Exception as error:
        result = [], str(error) or type(error).__name__
    self.async_results[apikey] = result


def get_async_result(self, apikey):
    return self.async_results.get(apikey, ([], None))


def install():
    from heat_dashboard.content.template_generator.api import APIThread

    APIThread.add_thread = add_thread
    APIThread.get_async_result = get_async_result
