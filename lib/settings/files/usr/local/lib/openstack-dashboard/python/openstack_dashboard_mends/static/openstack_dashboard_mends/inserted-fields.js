// Horizon prepares fields that are added to a page when DOMNodeInserted arrives, which Chrome 127 removed.
(function () {
  'use strict';
  var KINDS = { select: horizon.forms.init_themable_select, spinner: horizon.forms.init_themable_spinner };

  function prepare(nodes) {
    Object.keys(KINDS).forEach(function (kind) {
      var field = '.themable-' + kind;
      nodes
        .find(field)
        .add(nodes.filter(field))
        .not('.' + kind + '-initialized')
        .each(function () {
          KINDS[kind]($(this));
        });
    });
  }
  horizon.addInitFunction(function () {
    new MutationObserver(function (changes) {
      changes.forEach(function (change) {
        prepare($(change.addedNodes));
      });
    }).observe(document.body, { childList: true, subtree: true });
  });
})();
