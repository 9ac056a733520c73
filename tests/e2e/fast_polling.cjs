"use strict";

// Tests only. The CDK CLI looks at a stack every five seconds and at its events every two, and neither is an option:
// on an AWS on the same machine nearly all of a deployment would be that pause.

const HARD_CODED_PAUSES = [5000, 2000];
const PAUSE_MS = 100;

// A proxy, so that what else hangs on the function (util.promisify.custom) stays.
globalThis.setTimeout = new Proxy(globalThis.setTimeout, {
  apply: (setTimeout, self, [callback, delay, ...rest]) =>
    Reflect.apply(setTimeout, self, [callback, HARD_CODED_PAUSES.includes(delay) ? PAUSE_MS : delay, ...rest]),
});
