"""Volumes without a disk: each is a row of Cinder's database."""
from cinder.volume import driver


class CloudDriver(driver.VolumeDriver):
    VERSION = '1.0.0'
    TOTAL = 20000

    def check_for_setup_error(self):
        """There is nothing that could be missing."""

    def _update_volume_stats(self):
        name = self.configuration.safe_get('volume_backend_name')
        self._stats = {
            'volume_backend_name': name, 'vendor_name': 'preview', 'driver_version': self.VERSION,
            'storage_protocol': 'preview', 'pools': [{
                'pool_name': name, 'total_capacity_gb': self.TOTAL, 'free_capacity_gb': self.TOTAL,
                'provisioned_capacity_gb': 0, 'reserved_percentage': 0, 'QoS_support': False,
                'multiattach': True, 'thin_provisioning_support': True,
                'max_over_subscription_ratio': '20.0'}]}

    def clone_image(self, context, volume, image_location, image_meta, image_service):
        """A bootable volume, without fetching the image."""
        return {}, True

    def initialize_connection(self, volume, connector):
        return {'driver_volume_type': 'preview', 'data': {'access_mode': 'rw'}}

    def copy_image_to_volume(self, context, volume, image_service, image_id,
                             disable_sparse=False):
        pass

    def copy_volume_to_image(self, context, volume, image_service, image_meta):
        image_service.update(context, image_meta['id'], {'status': 'active'})

    def _nothing(self, *_args, **_kwargs):
        return None

    create_volume = create_volume_from_snapshot = create_cloned_volume = _nothing
    delete_volume = create_snapshot = delete_snapshot = extend_volume = _nothing
    create_export = ensure_export = remove_export = terminate_connection = _nothing
    create_export_snapshot = remove_export_snapshot = _nothing
