// The sums of a proof of work (registrations/domain/proof.py): numbers whose SHA-256 begins with zero bits.
// SHA-256 (FIPS 180-4) is written out here: the browser's own is asynchronous, some fifty times slower for so little text,
// and missing where a page comes over plain http.
const FIRST = new Int32Array(8);
const ROUND = new Int32Array(64);
// Both tables are the first 32 bits behind the point of roots of the first primes: square roots, and cube roots.
for (let number = 2, found = 0; found < 64; number += 1) {
  let prime = true;
  for (let factor = 2; factor * factor <= number; factor += 1) if (number % factor === 0) prime = false;
  if (!prime) continue;
  if (found < 8) FIRST[found] = ((Math.sqrt(number) % 1) * 2 ** 32) | 0;
  ROUND[found] = ((Math.cbrt(number) % 1) * 2 ** 32) | 0;
  found += 1;
}
const words = new Int32Array(64);

// One block of sixteen words at the front of `words`, added to `state`.
function mix(state) {
  for (let i = 16; i < 64; i += 1) {
    const x = words[i - 15];
    const y = words[i - 2];
    const low = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const high = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    words[i] = (words[i - 16] + low + words[i - 7] + high) | 0;
  }
  let a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], f = state[5], g = state[6], h = state[7];
  for (let i = 0; i < 64; i += 1) {
    const high = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const one = (h + high + ((e & f) ^ (~e & g)) + ROUND[i] + words[i]) | 0;
    const low = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const two = (low + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g; g = f; f = e; e = (d + one) | 0; d = c; c = b; b = a; a = (one + two) | 0;
  }
  state[0] += a; state[1] += b; state[2] += c; state[3] += d; state[4] += e; state[5] += f; state[6] += g; state[7] += h;
}

function digest(text) {
  const bytes = new TextEncoder().encode(text);
  const padded = new Uint8Array(((bytes.length + 8 >> 6) + 1) * 64);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 4, bytes.length * 8);
  const state = FIRST.slice();
  for (let block = 0; block < padded.length; block += 64) {
    for (let i = 0; i < 16; i += 1) words[i] = view.getInt32(block + i * 4);
    mix(state);
  }
  return state;
}

// The least number whose hash behind `seed` and `piece` (forty bytes in all: one block) begins with so many zero bits.
function solve(seed, piece, bits) {
  const state = new Int32Array(8);
  for (let number = 0; ; number += 1) {
    words.set(seed);
    words[8] = piece;
    words[9] = number;
    words[10] = 0x80000000 | 0;
    words.fill(0, 11, 15);
    words[15] = 320;
    state.set(FIRST);
    mix(state);
    if (state[0] >>> (32 - bits) === 0) return number;
  }
}

self.onmessage = ({ data }) => {
  const seed = digest(data.challenge);
  const numbers = [];
  for (let piece = 0; piece < data.pieces; piece += 1) {
    numbers.push(solve(seed, piece, data.bits));
    self.postMessage({ share: numbers.length / data.pieces });
  }
  self.postMessage({ share: 1, numbers });
};
