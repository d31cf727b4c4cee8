// Heat's template generator requests icons and dialogs from the name of static media, which AngularJS does not
// trust. A header that Horizon adds to all requests would need a permission of that name.
(function () {
  'use strict';
  var base = new URL(window.STATIC_URL, location.href).href;
  if (base.indexOf(location.origin + '/') === 0) {
    return;
  }
  angular.module('ng').config(['$sceDelegateProvider', '$httpProvider', function (trust, http) {
    trust.trustedResourceUrlList(trust.trustedResourceUrlList().concat(base + '**'));
    http.interceptors.push(function () {
      return {
        request: function (config) {
          if (String(config.url).indexOf(base) === 0) {
            delete config.headers['X-Requested-With'];
          }
          return config;
        }
      };
    });
  }]);
})();
