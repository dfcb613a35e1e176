-- Records a checklist.
INSERT INTO insights_checklists (phase, passed, items) VALUES (%(phase)s, %(passed)s, %(items)s)
