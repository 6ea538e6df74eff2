export const extensionWizard = {}
