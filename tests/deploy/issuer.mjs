// A real OpenID provider on loopback: node issuer.mjs PACKAGE PORT REDIRECT-ADDRESS. Whoever types an address into its form
// is that person; group "remote-sensing" has everybody whose address begins with "group".
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [entry, port, redirect] = process.argv.slice(2);
const { Provider } = await import(pathToFileURL(createRequire(entry).resolve('oidc-provider')).href);
const claims = email => ({
    email, email_verified: !email.startsWith('unverified'), groups: email.startsWith('group') ? ['remote-sensing'] : [],
});
const provider = new Provider(`http://127.0.0.1:${port}`, {
    clients: [{ client_id: 'ninepatch', client_secret: 'of-the-client-itself', redirect_uris: [redirect] }],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['groups'] },
    conformIdTokenClaims: false, // the claims are in the token itself, as most services have them
    cookies: { keys: ['only for tests'] },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...claims(id) }) }),
});
provider.listen(Number(port), '127.0.0.1', () => console.log('listening'));
