"""Error pages of the dashboard itself, and whether a script made the request.

This module can be imported while settings are being read.
"""
from django.http import HttpResponse, JsonResponse
from django.utils.html import escape

PAGE = '<!DOCTYPE html><html lang="en"><title>{0}</title><h1>{0}</h1><p>{1}</p></html>'
HOME = '</p><p><a href="{}">Back to the dashboard</a>'


def is_from_script(request):
    return request.headers.get('X-Requested-With') == 'XMLHttpRequest'


def error_page(request, status, title, text, home=None):
    """With a link to the page `home`, if there is one and this is another."""
    if is_from_script(request):
        return JsonResponse(f'{title}. {text}', status=status, safe=False)
    link = '' if home in (None, request.path) else HOME.format(escape(home))
    return HttpResponse(PAGE.format(escape(title), escape(text) + link), status=status)
