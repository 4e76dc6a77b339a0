/** What a remote-access server tells a RADIUS server of its callers. */
import {
  ACCOUNTING_STATUS,
  Host,
  NAS_PORT_TYPE,
  RADIUS_ATTRIBUTE,
  RADIUS_CODE,
  RADIUS_PORT,
  TERMINATE_CAUSE,
  filler,
  radius,
} from '../../../../samples/craft/index.ts';
import type { Script } from '../../../../samples/craft/index.ts';
import { lanServer } from './links.ts';
import { full } from './ras.ts';

export interface AccountingFields {
  readonly nas?: Host;
  readonly portType?: number;
  /** Null where sessions carry no Framed-Protocol. */
  readonly framedProtocol?: number | null;
  readonly oldPorts?: boolean;
}

/** The NAS picks the address. */
export const NAS_PICKS = RADIUS_ATTRIBUTE.framedAddress('255.255.255.254');

export class Accounting {
  readonly #script: Script;
  readonly #nas: Host;
  readonly #server = new Host({ mac: '00:b0:d0:4e:11:06', ip: '10.0.0.6', firstIpId: 0x6100 });
  readonly #protocol: readonly Uint8Array[];
  readonly #sessionKind: readonly Uint8Array[];
  readonly #ports: { readonly access: number; readonly accounting: number };
  readonly #sessions = new Map<string, number>();
  #count = 0;
  #identifier = 0;

  constructor(script: Script, fields: AccountingFields = {}) {
    this.#script = script;
    this.#nas = fields.nas ?? lanServer();
    const { framedProtocol = 1, portType = NAS_PORT_TYPE.virtual } = fields;
    this.#protocol = [
      RADIUS_ATTRIBUTE.serviceType(2),
      ...(framedProtocol === null ? [] : [RADIUS_ATTRIBUTE.framedProtocol(framedProtocol)]),
    ];
    this.#sessionKind = [
      RADIUS_ATTRIBUTE.nasAddress(this.#nas.ip),
      ...this.#protocol,
      RADIUS_ATTRIBUTE.nasPortType(portType),
    ];
    this.#ports = fields.oldPorts
      ? { access: RADIUS_PORT.oldAccess, accounting: RADIUS_PORT.oldAccounting }
      : RADIUS_PORT;
  }

  /** Access-Request and Access-Accept. */
  accepts(at: number, user: string, granted: readonly Uint8Array[] = [NAS_PICKS]): this {
    const { accessRequest, accessAccept } = RADIUS_CODE;
    const asked = [
      RADIUS_ATTRIBUTE.userName(user),
      RADIUS_ATTRIBUTE.userPassword(filler(16).map((byte) => byte ^ 0x5a)),
      ...this.#sessionKind,
    ];
    const given = [...this.#protocol, ...granted];
    return this.#exchange(at, this.#ports.access, [accessRequest, asked], [accessAccept, given]);
  }

  /** The session begins with this address. */
  starts(at: number, user: string, address: string | null, mark?: string): this {
    this.#count += 1;
    this.#sessions.set(user, this.#count);
    return this.#reports(at, user, ACCOUNTING_STATUS.start, this.#addressOf(address), mark);
  }

  interim(at: number, user: string, address: string, seconds: number): this {
    const details = [...this.#addressOf(address), RADIUS_ATTRIBUTE.sessionTime(seconds)];
    return this.#reports(at, user, ACCOUNTING_STATUS.interim, details);
  }

  stops(
    at: number,
    user: string,
    address: string | null,
    fields: { readonly seconds: number; readonly cause?: number; readonly mark?: string },
  ): this {
    const details = [
      ...this.#addressOf(address),
      RADIUS_ATTRIBUTE.sessionTime(fields.seconds),
      RADIUS_ATTRIBUTE.terminateCause(fields.cause ?? TERMINATE_CAUSE.userRequest),
    ];
    return this.#reports(at, user, ACCOUNTING_STATUS.stop, details, fields.mark);
  }

  /** Accepted, and ended at once without an address. */
  cutsShort(
    at: number,
    user: string,
    cause: number,
    fields: { mark?: string; granted?: Uint8Array[] } = {},
  ): this {
    this.accepts(at - 0.3, user, fields.granted ?? [NAS_PICKS]);
    this.#count += 1;
    this.#sessions.set(user, this.#count);
    return this.stops(at, user, null, { seconds: 0, cause, ...(fields.mark ? { mark: fields.mark } : {}) });
  }

  #addressOf(address: string | null): Uint8Array[] {
    return address === null ? [] : [RADIUS_ATTRIBUTE.framedAddress(full(address))];
  }

  #reports(at: number, user: string, status: number, details: readonly Uint8Array[], mark?: string): this {
    const session = (0x4100_0000 + (this.#sessions.get(user) ?? 0)).toString(16).toUpperCase();
    const attributes = [
      RADIUS_ATTRIBUTE.userName(user),
      ...this.#sessionKind,
      RADIUS_ATTRIBUTE.statusType(status),
      RADIUS_ATTRIBUTE.sessionId(session),
      ...details,
      RADIUS_ATTRIBUTE.delay(0),
    ];
    const { accountingRequest, accountingResponse } = RADIUS_CODE;
    return this.#exchange(
      at,
      this.#ports.accounting,
      [accountingRequest, attributes],
      [accountingResponse, []],
      mark,
    );
  }

  #exchange(
    at: number,
    port: number,
    asked: readonly [code: number, attributes: readonly Uint8Array[]],
    answered: readonly [code: number, attributes: readonly Uint8Array[]],
    mark?: string,
  ): this {
    this.#identifier = (this.#identifier + 1) & 0xff;
    const identifier = this.#identifier;
    const request = radius({ code: asked[0], identifier, attributes: asked[1] });
    const reply = radius({ code: answered[0], identifier, attributes: answered[1], request });
    this.#script
      .at(at, () => this.#nas.udp(this.#server, 1025, port, request), mark === undefined ? {} : { mark })
      .at(at + 0.006, () => this.#server.udp(this.#nas, port, 1025, reply));
    return this;
  }
}
