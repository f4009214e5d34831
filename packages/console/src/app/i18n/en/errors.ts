/** What to do about an error, by its code; one that isn't here is told in the server's own words. */
export const errors = {
  title: 'That didn’t work',
  unreachable: 'The gateway can’t be reached. Look whether `kolben up` is running, then try again.',
  session_missing: 'You are not signed in, or your session has ended. Sign in again.',
  invalid_api_key: 'The key is not valid. Look for a typing error; a revoked or expired key opens nothing.',
  wrong_scope: 'This key is for calling models. The console wants one of scope “admin”.',
  too_many_tries: 'Too many wrong keys were tried from here. Wait a minute, then try again.',
  origin_foreign:
    'The request didn’t come from the console’s own address. A proxy in front has to pass on the Host header.',
  csrf_token_wrong: 'This page belongs to an earlier session. Load it again.',
  internal_error: 'The gateway made a mistake of its own. Its log tells where.',
  unknown: 'The page made a mistake of its own. Load it again; if it comes back, please report it.',
};
