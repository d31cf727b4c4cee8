// Pages contain the templates of Angular by path. Horizon requests one for the buttons of images with two slashes
// in its path, so that it would come from the name of static media, which answers no such requests of scripts.
(function () {
  'use strict';
  angular.module('ng').config(['$provide', function ($provide) {
    $provide.decorator('$templateCache', ['$delegate', function (cache) {
      var get = cache.get;
      cache.get = function (path) {
        var found = get(path);
        return found === undefined && typeof path === 'string' ? get(path.replace(/([^:])\/+/g, '$1/')) : found;
      };
      return cache;
    }]);
  }]);
})();
