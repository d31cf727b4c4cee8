"""Changes of Horizon that no setting makes."""
import horizon

from . import names

project = horizon.get_dashboard('project')
project.name = names.PROJECT
# Users of this cloud create no server groups
project.unregister(project.get_panel('server_groups').__class__)
