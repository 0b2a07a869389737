"""Sound from the plan: ambience, effects in sync with what moves, music, speech; mixed and mastered."""
