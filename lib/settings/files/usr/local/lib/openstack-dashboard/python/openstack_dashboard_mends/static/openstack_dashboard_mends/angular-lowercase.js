// angular-gettext 2.3 calls a function that AngularJS 1.7 removed, so that no text of an Angular page
// is translated.
(function () {
  'use strict';
  if (!angular.lowercase) {
    angular.lowercase = function (text) {
      return typeof text === 'string' ? text.toLowerCase() : text;
    };
  }
})();
