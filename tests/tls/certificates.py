#!/usr/bin/env python3
"""Writes certificate.der (names in the extension) and common.der (a common name only) beside itself.

Needs the package cryptography. Keys are thrown away, so the bytes differ each time.
"""
import datetime as dt
import ipaddress
import pathlib

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def make(file, names):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, "wscope"),
        x509.NameAttribute(NameOID.COMMON_NAME, "common.test"),
    ])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(7)
        .not_valid_before(dt.datetime(2024, 1, 1)).not_valid_after(dt.datetime(2024, 12, 31, 23, 59, 59))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    )
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=True)
    der = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)
    (pathlib.Path(__file__).parent / file).write_bytes(der)


make("certificate.der", [
    x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1")), x509.DNSName("*.example.org"),
])
make("common.der", [])
