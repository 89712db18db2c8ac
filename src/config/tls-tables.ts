/**
 * The tables `[tls]`, `[[tls.certificate]]` and `[http2]`, and what a virtual host says about TLS. (`[tls.acme]`: acme-table.ts.)
 *
 * Keeps: paths only. What is in the files is the master's to read (src/tls/), and never becomes part of the settings.
 *        `[tls] certificate` is for a server with one certificate, `[[tls.certificate]]` for one with several: TOML doesn't
 *        allow both in one file.
 */
import { ACME_TABLE } from "./acme-table.ts";
import { boolean, choice, inherited, integer, optionalInteger, optionalPath, path, required } from "./setting.ts";
import { called, table, tableArray } from "./table.ts";

const group = "TLS and HTTP/2";
const TWO_YEARS_SECONDS = 63_072_000;
const TEN_YEARS_SECONDS = 5 * TWO_YEARS_SECONDS;

const certificate = "Certificate in PEM, followed by its intermediates";
const key = "Its private key in PEM, without a passphrase; when not set, the certificate's file has it, too";

const clientCertificates = choice(["off", "optional", "required"], {
  default: "off",
  group,
  meaning: "Whether clients are asked for a certificate, and whether they are refused without one",
});
const clientCa = optionalPath({ group, meaning: "Authorities that client certificates must come from, in PEM" });
const clientCrl = optionalPath({ group, meaning: "Client certificates that are revoked: CRLs in PEM" });

const certificates = called(
  "certificate",
  tableArray(
    "Certificates; a name is served with the one that has it exactly, then by wildcard; names without one get the first",
    {
      certificate: required(path({ default: "", group, meaning: certificate })),
      key: optionalPath({ group, meaning: key }),
    },
  ),
);

const tls = table(
  "HTTPS; changed files serve new connections within a second, without a reload",
  {
    port: optionalInteger({
      minimum: 0,
      maximum: 65535,
      group,
      flags: ["--https-port"],
      variables: ["SAKER_HTTPS_PORT"],
      meaning:
        "TCP port for HTTPS, on every address of `host`; when not set, 443 if `port` is 80, a free one if `port` is 0, otherwise 8443",
    }),
    certificate: optionalPath({ group, flags: ["--certificate"], meaning: certificate }),
    key: optionalPath({ group, flags: ["--key"], meaning: key }),
    self_signed: boolean({
      default: false,
      group,
      flags: ["--https"],
      variables: ["SAKER_HTTPS"],
      meaning:
        "Make certificates by an authority of saker's own, for the virtual hosts, this machine's name and localhost, where no other has the name",
    }),
    min_version: choice(["1.2", "1.3"], { default: "1.2", group, meaning: "Lowest version of TLS" }),
    redirect: boolean({
      default: true,
      group,
      meaning: "Redirect plain HTTP to HTTPS with 308; /health, /metrics and /stats are answered there all the same",
    }),
    hsts_max_age_seconds: integer({
      default: 0,
      minimum: 0,
      maximum: TEN_YEARS_SECONDS,
      unit: "seconds",
      group,
      meaning: `For how long browsers may use HTTPS alone for a host they have seen (Strict-Transport-Security); 0 doesn't say so, ${TWO_YEARS_SECONDS} is two years`,
    }),
    client_certificates: clientCertificates,
    client_ca: clientCa,
    client_crl: clientCrl,
  },
  { certificates, acme: ACME_TABLE },
);

const http2 = table("HTTP/2, by ALPN on the HTTPS port", {
  enabled: boolean({ default: true, group, meaning: "Offer HTTP/2" }),
  cleartext: boolean({
    default: false,
    group,
    meaning: "Accept HTTP/2 on the plain port as well, from clients that begin with it (prior knowledge)",
  }),
  max_concurrent_streams: integer({
    default: 100,
    minimum: 1,
    maximum: 65_535,
    unit: "requests",
    group,
    meaning: "Requests of one HTTP/2 connection that are handled at a time",
  }),
});

export const TLS_TABLES = { tls, http2 };

/** A virtual host's own. What it doesn't set is inherited, but for its certificate, which is only found by its names. */
export const HOST_TLS_ROWS = {
  certificate: optionalPath({ group, meaning: `${certificate}, for this host whatever names are in it` }),
  key: optionalPath({ group, meaning: key }),
  client_certificates: inherited(clientCertificates),
  client_ca: clientCa,
  client_crl: clientCrl,
};
