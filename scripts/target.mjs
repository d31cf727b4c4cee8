/** The oldest Node.js that compiled files run on, as `engines` of package.json has it. */
export const TARGET = 'node22';
