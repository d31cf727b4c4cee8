"""Error pages of the dashboard itself, and whether a script made the request.

This module can be imported while settings are being read.
"""
from django.http import HttpResponse, JsonResponse

PAGE = '<!DOCTYPE html><html lang="en"><title>{0}</title><h1>{0}</h1><p>{1}</p></html>'


def is_from_script(request):
    return request.headers.get('X-Requested-With') == 'XMLHttpRequest'


def error_page(request, status, title, text):
    if is_from_script(request):
        return JsonResponse(f'{title}. {text}', status=status, safe=False)
    return HttpResponse(PAGE.format(title, text), status=status)
