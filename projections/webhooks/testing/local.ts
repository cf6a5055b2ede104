export const SECRET_KEY = 'a-secret-of-more-than-32-characters!';
/** Receivers of tests listen here. */
export const LOCAL = ['127.0.0.1/32'];
