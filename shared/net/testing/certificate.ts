/**
 * A self-signed certificate of `video.example`, valid for a hundred years, and its key. For tests alone: the key is public.
 * openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 36500 -subj /CN=video.example -addext subjectAltName=DNS:video.example
 */
export const certificate = {
  name: 'video.example',
  cert: `-----BEGIN CERTIFICATE-----
MIIBoDCCAUegAwIBAgIUDeaMlW3TgpHj/ghXMpcNA+Ci/zAwCgYIKoZIzj0EAwIw
GDEWMBQGA1UEAwwNdmlkZW8uZXhhbXBsZTAgFw0yNjExMjIyMDIxNDJaGA8yMTI2
MTAyOTIwMjE0MlowGDEWMBQGA1UEAwwNdmlkZW8uZXhhbXBsZTBZMBMGByqGSM49
AgEGCCqGSM49AwEHA0IABEyrSMM80rcC78QiOHfHo5JzPEGynzcy2fjXATX+wVd1
TGShNVfGaBKo9Id/09HFqDk8wbLDguU5EKboPW8DbgejbTBrMB0GA1UdDgQWBBTc
YV2m7c5YOrERy8yTUA6gtRneszAfBgNVHSMEGDAWgBTcYV2m7c5YOrERy8yTUA6g
tRneszAPBgNVHRMBAf8EBTADAQH/MBgGA1UdEQQRMA+CDXZpZGVvLmV4YW1wbGUw
CgYIKoZIzj0EAwIDRwAwRAIgWGwAUE9JNWFtZfQTyFbUPd5YcSnu70Z26FJ1tdjc
jOQCICFKOxS+UV0JSkilWmkMsKvVUHIUJiaH77tsRL/oNnyt
-----END CERTIFICATE-----
`,
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgLEX+FioXe+ARuN8g
/rFNh4bxkbjQ6gYztODMVSgC4hihRANCAARMq0jDPNK3Au/EIjh3x6OSczxBsp83
Mtn41wE1/sFXdUxkoTVXxmgSqPSHf9PRxag5PMGyw4LlORCm6D1vA24H
-----END PRIVATE KEY-----
`,
};
