// Horizon shows some failed responses as JSON, with the headers of the request, instead of the reason. When an
// image is not created, its wizard goes on as if it were, and shows the error that this causes.
(function () {
  'use strict';
  var needed = ['horizon.framework.widgets.toast', 'horizon.app.core.openstack-service-api'];
  angular.module('openstack_dashboard_mends', needed).config(['$provide', function ($provide) {
    $provide.decorator('horizon.framework.widgets.toast.service', ['$delegate', function (toasts) {
      var add = toasts.add;
      toasts.add = function (type, said) {
        add.call(toasts, type, said && angular.isString(said.data) ? said.data : said);
      };
      return toasts;
    }]);
    $provide.decorator('horizon.app.core.openstack-service-api.glance', ['$delegate', '$q', function (glance, $q) {
      var create = glance.createImage;
      glance.createImage = function () {
        return create.apply(glance, arguments).then(function (response) {
          return response === undefined ? $q.reject(gettext('Unable to create the image.')) : response;
        });
      };
      return glance;
    }]);
  }]);
})();
