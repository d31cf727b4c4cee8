(function () {
  'use strict';
  // after Horizon's own module, which sets another name
  angular.module('openstack_dashboard_csrf', ['horizon.framework']).config([
    '$httpProvider',
    function ($httpProvider) {
      $httpProvider.defaults.xsrfCookieName = '__Host-csrftoken';
    },
  ]);
})();
