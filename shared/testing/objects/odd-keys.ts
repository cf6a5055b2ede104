/** Keys with what file systems, URLs and XML take amiss. */
export const odd = [
  'a b/c d.txt',
  'ünï/çödé–日本.mp4',
  'plus+and%20percent%.bin',
  "q?&=#'()[]!*~$@:;,.json",
  ' lead/trail .x',
  '123/4',
];
