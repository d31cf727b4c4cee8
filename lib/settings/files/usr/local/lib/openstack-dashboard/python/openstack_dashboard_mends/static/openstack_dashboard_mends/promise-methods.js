// AngularJS 1.6 removed `success` and `error` of requests. Panels that still call them, as those of Zaqar, stop
// with an error of the script, and show no message if their service fails. Their requests are those of Horizon's
// apiService, which calls `$http` as a function.
(function () {
  'use strict';
  function complete(promise) {
    ['success', 'error'].forEach(function (name) {
      if (!promise[name]) {
        promise[name] = function (call) {
          var tell = function (answer) {
            call(answer.data, answer.status, answer.headers, answer.config);
          };
          promise.then(name === 'success' ? tell : angular.noop, name === 'error' ? tell : angular.noop);
          return promise;
        };
      }
    });
    return promise;
  }
  angular.module('ng').config(['$provide', function ($provide) {
    $provide.decorator('$http', ['$delegate', function (http) {
      return angular.extend(function (config) {
        return complete(http(config));
      }, http);
    }]);
  }]);
})();
