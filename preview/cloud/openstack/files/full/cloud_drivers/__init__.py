"""What stands for hardware in the preview's cloud: a hypervisor, disks and a network that hold nothing."""
