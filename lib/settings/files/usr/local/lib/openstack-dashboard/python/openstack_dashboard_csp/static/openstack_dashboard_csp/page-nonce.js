(function () {
  'use strict';
  var found = document.querySelector('script[nonce]');
  var nonce = found && (found.nonce || found.getAttribute('nonce'));
  if (nonce) {
    // jQuery runs the scripts of a modal or a tab with their own nonce, which must be that of this page
    $.ajaxPrefilter(function (options, original, request) {
      if (!options.crossDomain) {
        request.setRequestHeader('X-CSP-Nonce', nonce);
      }
    });
  }
  // the policy forbids such a link, which does nothing but let other code handle the click
  document.addEventListener('click', function (event) {
    var link = event.target.closest && event.target.closest('a[href^="javascript:"]');
    var code = link && link.getAttribute('href').slice(11).replace(/[\s;]/g, '');
    if (code === 'void(0)' || code === '') {
      event.preventDefault();
    } else if (code === 'history.back()') {
      event.preventDefault();
      history.back();
    }
  }, true);
})();
