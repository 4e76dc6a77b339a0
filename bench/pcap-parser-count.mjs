// Counts the packets of a capture with pcap-parser and does nothing else.
import { parse } from 'pcap-parser';

let packets = 0;
const parser = parse(process.argv[2]);
parser.on('packet', () => {
  packets += 1;
});
parser.on('error', (error) => {
  console.error(error.message);
  process.exitCode = 1;
});
parser.on('end', () => console.log(packets));
