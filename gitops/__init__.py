"""The Git side of the fence: what Argo CD reads. Imports neither pulumi nor stacks nor components."""
