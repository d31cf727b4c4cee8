/** What logs out: a link in Horizon 25.3, the button of a form in 2026.1. */
export const LOGOUT = 'a[href*="/auth/logout"], form[action*="/auth/logout"] button';
