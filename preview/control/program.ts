/** How this program was started, which its messages repeat: by npm in a clone, or from an installed package. */
export const PROGRAM =
  process.env.npm_lifecycle_event === 'preview'
    ? 'npm run preview --'
    : 'npx openstack-dashboard-preview';

/** How the app of the template is synthesized. */
export const SYNTH =
  process.env.npm_lifecycle_event === 'preview' ? 'npm run synth' : 'npx cdk synth';
