"""The columns of each kind of file, by the names that people give them, in Indonesian and English.

Names are compared without case, blanks, punctuation and brackets; the first is the one to advise.
"""

from typing import Final, Literal

from services.gateway.imports.tabular import Layout

Of = Literal["workers", "pledges", "receipts"]

WORKERS: Final = Layout(
    names={
        "nik": ("nik", "no nik", "nomor nik", "no ktp", "nomor ktp", "nik ktp", "no induk kependudukan",
                "nomor induk kependudukan", "ktp"),
        "name": ("nama", "nama lengkap", "nama pekerja", "nama peserta", "nama sesuai ktp", "name", "full name"),
        "born": ("tgl_lahir", "tanggal lahir", "tgl lhr", "lahir", "date of birth", "birth date", "dob"),
        "sex": ("jenis_kelamin", "jk", "kelamin", "l/p", "gender"),
        "phone": ("no_hp", "nomor hp", "hp", "telepon", "no telepon", "no telp", "telp", "nomor telepon", "no wa",
                  "nomor wa", "whatsapp", "handphone", "no handphone", "mobile", "phone number"),
        "area": ("kode_wilayah", "kode area", "kode kelurahan", "kode desa", "kode kemendagri", "area code", "wilayah"),
        "kelurahan": ("kelurahan", "kel", "desa", "kelurahan/desa", "desa/kelurahan", "nama kelurahan", "village"),
        "kecamatan": ("kecamatan", "kec", "nama kecamatan", "district"),
        "city": ("kota", "kabupaten", "kab/kota", "kabupaten/kota", "kota/kabupaten", "kode kota"),
        "occupation": ("pekerjaan", "pekerjaan_1", "jenis pekerjaan", "profesi", "kode pekerjaan", "job", "work"),
        "desil": ("desil", "desil dtsen", "decile"),
        "consent": ("persetujuan", "setuju", "bersedia", "consent given", "agreed"),
        "consent_at": ("tgl_persetujuan", "tanggal persetujuan", "consent_given_at", "consent at", "consent date",
                       "consent.given_at"),
        "consent_by": ("persetujuan_oleh", "disetujui oleh", "consent by", "consent.by"),
    },
    required=[("nik",), ("name",), ("area", "kelurahan"), ("occupation",)],
)  # fmt: skip

PLEDGES: Final = Layout(
    names={
        "donor": ("donor", "donatur", "id donatur", "donor id", "kode donatur"),
        "slots": ("slots", "jumlah pekerja", "jumlah peserta", "kuota", "orang", "workers count"),
        "amount_idr": ("amount_idr", "jumlah rupiah", "nominal", "nilai", "donasi", "amount", "rupiah"),
        "months": ("months", "jumlah_bulan", "lama bulan", "bulan", "durasi", "term"),
        "starts": ("starts", "bulan_mulai", "mulai", "mulai bulan", "start month", "start"),
        "areas": ("areas", "wilayah", "kode wilayah", "area", "kode area"),
        "occupations": ("occupations", "pekerjaan", "jenis pekerjaan", "occupation"),
        "workers": ("workers", "pekerja", "id pekerja", "worker"),
        "near": ("near", "dekat", "lokasi pabrik", "dekat wilayah"),
        "payment": ("payment", "cara bayar", "pembayaran"),
        "programmes": ("programmes", "program", "programs"),
        "keep": ("keep", "tetap", "pekerja tetap"),
        "reference": ("reference", "referensi", "rujukan", "no referensi", "nomor referensi"),
    },
    required=[("donor",), ("slots", "amount_idr"), ("starts",), ("areas",)],
)

RECEIPTS: Final = Layout(
    names={
        "pay_code": ("kode_iuran", "kode bayar", "pay code", "kode billing", "kode pembayaran", "no kode iuran"),
        "remittance": ("remittance", "id setoran", "setoran", "remittance id"),
        "nik": WORKERS.names["nik"],
        "worker": ("id_pekerja", "pekerja", "worker id"),
        "month": ("bulan_iuran", "bulan", "month", "periode", "bulan_mulai"),
        "amount_idr": ("iuran", "jumlah iuran", "amount_idr", "nominal", "jumlah", "jumlah bayar", "amount", "idr"),
        "status": ("status", "hasil", "keterangan status", "outcome"),
        "reason": ("reason", "alasan", "keterangan", "sebab"),
    },
    required=[("pay_code", "remittance"), ("nik", "worker"), ("amount_idr",)],
)

LAYOUTS: Final[dict[Of, Layout]] = {"workers": WORKERS, "pledges": PLEDGES, "receipts": RECEIPTS}
