"""People as rigs: a look, a view and an action give pictures that move, with the places of hands and mouth."""

from opendance.engines.previs.people.actions import actions
from opendance.engines.previs.people.head import Face
from opendance.engines.previs.people.looks import Look, look_for, role_of, roles
from opendance.engines.previs.people.rig import Rig, rig
from opendance.engines.previs.people.skeleton import View

__all__ = ["Face", "Look", "Rig", "View", "actions", "look_for", "rig", "role_of", "roles"]
