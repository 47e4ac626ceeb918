import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename, extname } from 'node:path'
import { crc32 } from 'node:zlib'
import { DarkroomError } from '../../contract/errors.ts'

// PKWARE's APPNOTE 6.3.10. Pictures are compressed already, and weights do not compress, so files are stored; and so the archive's size is known
// before it is sent. Zip64 fields throughout: one form for archives of any size, which every unpacker since 2006 reads.

interface Member {
  file: string
  name: Buffer
  size: number
  modified: Date
}

const versionNeeded = 45
/** UTF-8 names. */
const flags = 0x0800
const localHeaderSize = 30 + 20
const centralHeaderSize = 46 + 28
const endSize = 56 + 20 + 22

export interface ZipPlan {
  members: Member[]
  /** Bytes of the whole archive. */
  size: number
}

/** A file, and its path in the archive: `/` between folders. */
export interface ZipFile {
  file: string
  name: string
}

/**
 * Looks at the files of an archive; those that are gone are left out, so that one moved result does not keep back the
 * others.
 *
 * @throws DarkroomError `file-not-found` where none is left
 */
export async function planZip(files: ZipFile[]): Promise<ZipPlan> {
  const members: Member[] = []
  let size = endSize
  for (const { file, name: text } of files) {
    const info = await stat(file).catch(() => null)
    if (info?.isFile() !== true) continue
    const name = Buffer.from(text)
    members.push({ file, name, size: info.size, modified: info.mtime })
    size += localHeaderSize + centralHeaderSize + 2 * name.length + info.size
  }
  if (members.length === 0) throw new DarkroomError('file-not-found')
  return { members, size }
}

/** Files from anywhere as the files of one folder. Names that occur twice get a number, without regard to case. */
export function flatNames(files: string[]): ZipFile[] {
  const taken = new Set<string>()
  return files.map((file) => ({ file, name: freeName(basename(file), taken) }))
}

/** The name, with a number where it is taken, without regard to case; it is taken then. @param taken in lower case */
export function freeName(name: string, taken: Set<string>): string {
  const extension = extname(name)
  const stem = name.slice(0, name.length - extension.length)
  let free = name
  for (let number = 2; taken.has(free.toLowerCase()); number++) free = `${stem}-${number}${extension}`
  taken.add(free.toLowerCase())
  return free
}

/**
 * The bytes of an archive. Each file is read twice: its checksum stands before it.
 *
 * @throws Error when a file changed its size since it was planned; the archive is then cut short, which unpackers report
 */
export async function* zipBytes({ members }: ZipPlan): AsyncGenerator<Buffer> {
  const central: Buffer[] = []
  let offset = 0
  for (const member of members) {
    const checksum = await checksumOf(member)
    yield localHeader(member, checksum)
    yield* bytesOf(member)
    central.push(centralHeader(member, checksum, offset))
    offset += localHeaderSize + member.name.length + member.size
  }
  const directory = Buffer.concat(central)
  yield directory
  yield endRecords(members.length, directory.length, offset)
}

/** No more than was said, whatever is written to the file meanwhile: what follows is where the directory says. */
async function* bytesOf({ file, size }: Member): AsyncGenerator<Buffer> {
  if (size > 0) for await (const chunk of createReadStream(file, { end: size - 1 })) yield chunk as Buffer
}

async function checksumOf(member: Member): Promise<number> {
  let checksum = 0
  let size = 0
  for await (const chunk of createReadStream(member.file)) {
    checksum = crc32(chunk as Buffer, checksum)
    size += (chunk as Buffer).length
  }
  if (size !== member.size) throw new Error(`${member.file} changed while it was packed`)
  return checksum
}

/** MS-DOS date and time: two-second steps, local time, 1980–2107. */
function dosTime(date: Date): { time: number; date: number } {
  const year = Math.min(Math.max(date.getFullYear() - 1980, 0), 127)
  return {
    time: (date.getHours() << 11) | (date.getMinutes() << 5) | (date.getSeconds() >> 1),
    date: (year << 9) | ((date.getMonth() + 1) << 5) | date.getDate(),
  }
}

/** The fields that the header before a file and its entry in the directory have in common, from `at` on. */
function writeShared(header: Buffer, at: number, member: Member, checksum: number, extraSize: number): void {
  const { time, date } = dosTime(member.modified)
  header.writeUInt16LE(versionNeeded, at)
  header.writeUInt16LE(flags, at + 2)
  header.writeUInt16LE(0, at + 4)
  header.writeUInt16LE(time, at + 6)
  header.writeUInt16LE(date, at + 8)
  header.writeUInt32LE(checksum, at + 10)
  header.writeUInt32LE(0xffffffff, at + 14)
  header.writeUInt32LE(0xffffffff, at + 18)
  header.writeUInt16LE(member.name.length, at + 22)
  header.writeUInt16LE(extraSize, at + 24)
}

/** Zip64 extra field: size unpacked, size packed, and further 64-bit numbers. */
function zip64Extra(...numbers: number[]): Buffer {
  const extra = Buffer.alloc(4 + 8 * numbers.length)
  extra.writeUInt16LE(1, 0)
  extra.writeUInt16LE(8 * numbers.length, 2)
  numbers.forEach((number, index) => extra.writeBigUInt64LE(BigInt(number), 4 + 8 * index))
  return extra
}

function localHeader(member: Member, checksum: number): Buffer {
  const extra = zip64Extra(member.size, member.size)
  const header = Buffer.alloc(30)
  header.writeUInt32LE(0x04034b50, 0)
  writeShared(header, 4, member, checksum, extra.length)
  return Buffer.concat([header, member.name, extra])
}

function centralHeader(member: Member, checksum: number, offset: number): Buffer {
  const extra = zip64Extra(member.size, member.size, offset)
  const header = Buffer.alloc(46)
  header.writeUInt32LE(0x02014b50, 0)
  header.writeUInt16LE(versionNeeded, 4)
  writeShared(header, 6, member, checksum, extra.length)
  header.writeUInt32LE(0xffffffff, 42)
  return Buffer.concat([header, member.name, extra])
}

/** Zip64 end of central directory, its locator, and the classic end, whose fields all say "see Zip64". */
function endRecords(count: number, directorySize: number, directoryOffset: number): Buffer {
  const end = Buffer.alloc(endSize)
  end.writeUInt32LE(0x06064b50, 0)
  end.writeBigUInt64LE(BigInt(56 - 12), 4)
  end.writeUInt16LE(versionNeeded, 12)
  end.writeUInt16LE(versionNeeded, 14)
  end.writeBigUInt64LE(BigInt(count), 24)
  end.writeBigUInt64LE(BigInt(count), 32)
  end.writeBigUInt64LE(BigInt(directorySize), 40)
  end.writeBigUInt64LE(BigInt(directoryOffset), 48)
  end.writeUInt32LE(0x07064b50, 56)
  end.writeBigUInt64LE(BigInt(directoryOffset + directorySize), 64)
  end.writeUInt32LE(1, 72)
  end.writeUInt32LE(0x06054b50, 76)
  end.writeUInt16LE(0xffff, 84)
  end.writeUInt16LE(0xffff, 86)
  end.writeUInt32LE(0xffffffff, 88)
  end.writeUInt32LE(0xffffffff, 92)
  return end
}
