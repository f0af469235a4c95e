"""Translates the `tls` provider's inputs into parts of a certificate."""

from ipaddress import ip_address
from typing import Final

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from sandbox.providers.plugin import Properties

_SUBJECT: Final = {
    "commonName": NameOID.COMMON_NAME,
    "country": NameOID.COUNTRY_NAME,
    "emailAddress": NameOID.EMAIL_ADDRESS,
    "locality": NameOID.LOCALITY_NAME,
    "organization": NameOID.ORGANIZATION_NAME,
    "organizationalUnit": NameOID.ORGANIZATIONAL_UNIT_NAME,
    "postalCode": NameOID.POSTAL_CODE,
    "province": NameOID.STATE_OR_PROVINCE_NAME,
    "serialNumber": NameOID.SERIAL_NUMBER,
    "streetAddresses": NameOID.STREET_ADDRESS,
}
_USES: Final = {
    "digital_signature": "digital_signature",
    "content_commitment": "content_commitment",
    "key_encipherment": "key_encipherment",
    "data_encipherment": "data_encipherment",
    "key_agreement": "key_agreement",
    "cert_signing": "key_cert_sign",
    "crl_signing": "crl_sign",
    "encipher_only": "encipher_only",
    "decipher_only": "decipher_only",
}
_EXTENDED_USES: Final = {
    "any_extended": ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,
    "server_auth": ExtendedKeyUsageOID.SERVER_AUTH,
    "client_auth": ExtendedKeyUsageOID.CLIENT_AUTH,
    "code_signing": ExtendedKeyUsageOID.CODE_SIGNING,
    "email_protection": ExtendedKeyUsageOID.EMAIL_PROTECTION,
    "ipsec_end_system": ObjectIdentifier("1.3.6.1.5.5.7.3.5"),
    "ipsec_tunnel": ObjectIdentifier("1.3.6.1.5.5.7.3.6"),
    "ipsec_user": ObjectIdentifier("1.3.6.1.5.5.7.3.7"),
    "timestamping": ExtendedKeyUsageOID.TIME_STAMPING,
    "ocsp_signing": ExtendedKeyUsageOID.OCSP_SIGNING,
    "microsoft_server_gated_crypto": ObjectIdentifier("1.3.6.1.4.1.311.10.3.3"),
    "netscape_server_gated_crypto": ObjectIdentifier("2.16.840.1.113730.4.1"),
    "microsoft_commercial_code_signing": ObjectIdentifier("1.3.6.1.4.1.311.2.1.22"),
    "microsoft_kernel_code_signing": ObjectIdentifier("1.3.6.1.4.1.311.61.1.1"),
}
ACCEPTED_USES: Final = frozenset(_USES) | frozenset(_EXTENDED_USES)


def subject(properties: Properties | None) -> x509.Name:
    """Return a distinguished name; its parts in the order of the registry's documentation."""
    attributes = []
    for name, oid in _SUBJECT.items():
        value = (properties or {}).get(name)
        values = value if isinstance(value, list) else [value]
        attributes += [x509.NameAttribute(oid, item) for item in values if item]
    return x509.Name(attributes)


def alternative_names(inputs: Properties) -> x509.SubjectAlternativeName | None:
    """Return the names and addresses that the certificate is for, or None where there is none."""
    names: list[x509.GeneralName] = [x509.DNSName(name) for name in inputs.get("dnsNames") or []]
    names += [x509.IPAddress(ip_address(address)) for address in inputs.get("ipAddresses") or []]
    names += [x509.UniformResourceIdentifier(uri) for uri in inputs.get("uris") or []]
    return x509.SubjectAlternativeName(names) if names else None


def key_usage(uses: list[str]) -> x509.KeyUsage | None:
    """Return the plain uses among the allowed ones, or None where there is none."""
    wanted = {_USES[use] for use in uses if use in _USES}
    return x509.KeyUsage(**{name: name in wanted for name in _USES.values()}) if wanted else None


def extended_key_usage(uses: list[str]) -> x509.ExtendedKeyUsage | None:
    """Return the extended uses among the allowed ones, or None where there is none."""
    wanted = [_EXTENDED_USES[use] for use in uses if use in _EXTENDED_USES]
    return x509.ExtendedKeyUsage(wanted) if wanted else None
